// How often the leak detector alarms where nothing leaks, and how often it finds what does; see leaks.mjs.
import { main } from './leaks.mjs';

await main(process.argv.slice(2));
