'use strict';

const { readCatalogFrom } = require('./connect.js');
const { findLayout } = require('./layout.js');
const { catalogOfMigrations } = require('./migrations.js');
const { readCatalog } = require('./read-catalog.js');
const { readCatalogFile, writeCatalog } = require('./snapshot.js');
const { schemaSource } = require('./source.js');

module.exports = {
  catalogOfMigrations, findLayout, readCatalog, readCatalogFile, readCatalogFrom, schemaSource, writeCatalog,
};
