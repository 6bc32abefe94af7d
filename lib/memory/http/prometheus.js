'use strict';

/** The text of the registry that the program gave; what is registered in it is the program's. */
async function prometheus({ options }) {
  const { prometheus: register } = options;
  return { headers: { 'Content-Type': register.contentType }, body: await register.metrics() };
}

module.exports = { prometheus };
