import { expect, test } from 'vitest'
import { singleAddresses, singleHosts } from './addresses.ts'

test.each([
  ['postgresql://u@a:5432/n', ['postgresql://u@a:5432/n']],
  ['postgresql://u@a:5432,b/n', ['postgresql://u@a:5432/n', 'postgresql://u@b/n']],
  [
    'postgresql://u:p,q%40@[::1]:1,10.0.0.2:2/n?application_name=x,y',
    [
      'postgresql://u:p,q%40@[::1]:1/n?application_name=x,y',
      'postgresql://u:p,q%40@10.0.0.2:2/n?application_name=x,y',
    ],
  ],
  ['postgresql://a,b,c', ['postgresql://a', 'postgresql://b', 'postgresql://c']],
  ['no address', ['no address']],
])('%s names its servers one by one', (url, servers) => {
  expect(singleAddresses(url)).toEqual(servers)
})

test('a host stands for several, and the folder of a socket for itself', () => {
  expect(singleHosts('a, b')).toEqual(['a', 'b'])
  expect(singleHosts('/run/a,b')).toEqual(['/run/a,b'])
})
