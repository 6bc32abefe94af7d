// The same package from CommonJS.
import Scanner = require('pgtap-scanner/scanner');
import main = require('pgtap-scanner');

const scanner: main.PgTapScanner = new Scanner({ batchSize: 10 });
const again: Scanner = new main.pgTAPTestScanner();
const file: main.TestFile | undefined = scanner.testFiles[0];
// @ts-expect-error the class itself is exported, it has no default
new Scanner.default();

export = { scanner, again, file };
