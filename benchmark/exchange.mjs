// A request and its response without a network.
import { IncomingMessage, ServerResponse } from 'node:http';

/** Hands a request to `hook` as a framework would; `handle(response)` answers it, over a connection that takes everything. */
export function exchange(hook, socket, handle) {
  const request = new IncomingMessage(socket);
  request.method = 'GET';
  request.url = '/items?page=1';
  const response = new ServerResponse(request);
  response.assignSocket(socket);
  hook(request, response, () => handle(response));
  response.detachSocket(socket);
  // What Node does when the response was sent.
  response.destroyed = true;
  response._closed = true;
  response.emit('close');
}
