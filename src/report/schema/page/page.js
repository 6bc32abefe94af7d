// The frame of the page: head, theme, and the view that the address names.

const gapCount = coverage.objects.length - count(coverage.objects).asserted;
const TABS = [
  ['', 'Overview', null], ['objects', 'Objects', coverage.objects.length], ['gaps', 'Gaps', gapCount],
  ['stale', 'Stale', coverage.stale.length], ['files', 'Test files', coverage.files.length],
];
const VIEWS = {
  '': overview, schema: schemaView, object: objectView, stale: staleView, files: filesView, file: fileView,
  objects: (parameters) => objectList('objects', parameters), gaps: (parameters) => objectList('gaps', parameters),
};
/** The tab that a view without one belongs to. */
const TAB_OF = { schema: '', object: 'objects', file: 'files' };

const THEMES = ['auto', 'light', 'dark'];

/** A choice that the browser keeps, where it may. */
const kept = {
  get: () => { try { return localStorage.getItem('pgtap-theme'); } catch { return null; } },
  set: (theme) => { try { localStorage.setItem('pgtap-theme', theme); } catch { /* not kept: it holds for this page */ } },
};

function themeChoice() {
  const set = (theme) => { document.documentElement.dataset.theme = theme; };
  const known = THEMES.includes(kept.get()) ? kept.get() : 'auto';
  set(known);
  const element = el('select', { change: () => { set(element.value); kept.set(element.value); } },
    THEMES.map((theme) => choice(theme, theme, known)));
  return el('label', { class: 'theme' }, el('span', {}, 'Theme'), element);
}

const SOURCES = { live: 'read from a live database', migrations: 'made from migrations', snapshot: 'from a saved snapshot' };

function origin() {
  const { source, tool } = coverage;
  const parts = [
    source.server === null ? null : `PostgreSQL ${visible(source.server)}`,
    SOURCES[source.kind] ?? visible(source.kind),
    page.generated === null ? null : `${page.generated.slice(0, 16).replace('T', ' ')} UTC`,
    `pgtap-scanner ${visible(tool)}`,
  ];
  return parts.filter(Boolean).join(' \u00b7 ');
}

function head() {
  const tab = ([view, title, size]) => link(address(view), { 'data-view': view }, title,
    size === null ? null : el('span', { class: 'size' }, number(size)));
  document.getElementById('top').replaceChildren(
    el('div', { class: 'title' }, el('div', {}, el('h1', {}, 'pgTAP coverage'), el('p', { class: 'hint' }, origin())), themeChoice()),
    el('nav', { 'aria-label': 'Parts of the report', class: 'tabs' }, TABS.map(tab)));
}

function crumbs(above) {
  if (!above) return null;
  return el('nav', { class: 'crumbs', 'aria-label': 'Where this is' }, el('ol', {}, above.map(({ text, href }) => el('li', {}, link(href, {}, text)))));
}

function showLine(line) {
  const element = line && document.getElementById(`line-${line}`);
  if (!element) return;
  element.classList.add('sought');
  element.scrollIntoView({ block: 'center' });
}

function show(first) {
  const [path, query = ''] = location.hash.replace(/^#\/?/, '').split(/\?(.*)/s);
  const view = Object.hasOwn(VIEWS, path) ? path : '';
  const { title, above, content, line } = VIEWS[view](new URLSearchParams(query));
  const heading = el('h2', { tabindex: '-1' }, title);
  document.getElementById('main').replaceChildren(...[crumbs(above), heading, ...content].filter(Boolean));
  document.title = `${heading.textContent.slice(0, 80)} \u2013 pgTAP coverage`;
  for (const tab of document.querySelectorAll('.tabs a')) {
    const current = tab.dataset.view === (TAB_OF[view] ?? view);
    if (current) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
    // On a narrow screen it may be out of sight.
    if (current) tab.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }
  // Those who read with ears or keys go on in what is new.
  if (!first) {
    heading.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  showLine(line);
}

head();
document.querySelector('.skip').addEventListener('click', (event) => {
  // The address names the view, and stays.
  event.preventDefault();
  document.getElementById('main').focus();
});
addEventListener('hashchange', () => show(false));
show(true);
