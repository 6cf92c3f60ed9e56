import { expect, it } from 'vitest';
import { ReplyReader } from '../../src/catalogue/reply-reader.ts';

it('replies are told apart however they arrive', () => {
  const statuses: number[] = [];
  const reader = new ReplyReader((status) => statuses.push(status));
  const replies = [
    'HTTP/1.1 201 Created\r\nContent-Length: 4\r\n\r\n\r\n\r\n',
    'HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nRetry-After: 5\r\n\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHTTP/1.1 404',
  ].join('');
  for (const character of replies) reader.push(character);
  reader.push(replies);
  expect(statuses).toEqual([201, 503, 200, 201, 503, 200]);
});
