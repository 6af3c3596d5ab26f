// The reference of the HTTP benchmarks, a process of its own: node:http, a JSON body read and parsed, a JSON answer of
// a given text. Prints its port; ends with its standard input, so that it never outlives who started it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const [answerText = '{}'] = process.argv.slice(2);
const answer: unknown = JSON.parse(answerText);

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString());
    const body = Buffer.from(JSON.stringify(answer));
    response.writeHead(201, { 'Content-Type': 'application/json', 'Content-Length': body.length });
    response.end(body);
  });
});

server.listen(0, '127.0.0.1', () => {
  // A server that listens on a port has an address of this kind.
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on('close', () => process.exit());
process.stdin.resume();
