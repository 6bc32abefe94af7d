import { use } from './members.mjs';

console.log(JSON.stringify(await use()));
