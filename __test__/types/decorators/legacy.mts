import { budgets } from './budgets.mjs';
import { use } from './members.mjs';

console.log(JSON.stringify({ ...await use(), budgets: await budgets() }));
