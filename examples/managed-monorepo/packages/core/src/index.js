/** The words of a text, counted. */
export function countWords(text) {
  return text.split(/\s+/).filter(Boolean).length;
}
