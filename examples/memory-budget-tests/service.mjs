import { createServer } from 'node:http';

/** One visit of a user. */
export class Session {
  constructor(user) {
    this.user = user;
    this.log = new Array(2000).fill(user.id);
  }
}

/** Greets users; each visit has a session, which is closed at its end. */
export class UserService {
  #open = new Set();

  visit(user) {
    const session = new Session(user);
    this.#open.add(session);
    try {
      return `Hello, ${session.user.name}`;
    } finally {
      this.#open.delete(session);
    }
  }

  processUsers(users) {
    return users.map((user) => this.visit(user)).length;
  }
}

/** The service behind HTTP. */
export function serve(service) {
  return createServer((request, response) => response.end(service.visit({ id: 1, name: 'you' })));
}
