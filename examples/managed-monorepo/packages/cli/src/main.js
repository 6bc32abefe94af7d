// What is imported is the built package: without that of core there is nothing to bundle.
import { countWords } from '@managed-monorepo/core';

console.log(countWords(process.argv.slice(2).join(' ')));
