// Fills a heap with small objects of many shapes and writes a snapshot of it: `node snapshot-heap.mjs FILE CUSTOMERS`.
import { writeHeapSnapshot } from 'node:v8';

class Order {
  constructor(i, customer) {
    this.number = i;
    this.customer = customer;
    this.at = new Date(i);
    this.total = () => this.number * 2;
  }
}

class Customer {
  constructor(i) {
    this.id = i;
    this.name = `customer ${i}`;
    this.tags = [i, i + 1];
    this.orders = new Map([[i, new Order(i, this)]]);
    this.address = { street: `street ${i % 1000}`, lines: [{ text: `line ${i % 5000}` }] };
  }
}

const [, , file, customers] = process.argv;
globalThis.customers = Array.from({ length: Number(customers) }, (_, i) => new Customer(i));
writeHeapSnapshot(file);
console.log(JSON.stringify({ heapUsedBytes: process.memoryUsage().heapUsed }));
