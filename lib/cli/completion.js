'use strict';
function addCompletion(){}
module.exports = { addCompletion };
