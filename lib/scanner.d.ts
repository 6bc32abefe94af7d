// The class itself, as CommonJS exports it; an ES module imports it as the default.
import { PgTapScanner } from '../index.js';

export = PgTapScanner;
