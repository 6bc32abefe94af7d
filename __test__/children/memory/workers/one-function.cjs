'use strict';

// One function for every task.
module.exports = async ({ type, data }) => `${type} ${data}`;
