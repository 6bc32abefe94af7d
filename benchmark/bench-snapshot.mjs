// The analysis of heap snapshots beside memlab's; see snapshot.mjs.
import { benchSnapshot } from './snapshot.mjs';

benchSnapshot(process.argv.slice(2));
