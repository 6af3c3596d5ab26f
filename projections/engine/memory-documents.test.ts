import { expect, test } from '@jest/globals';
import { MemoryDocuments } from './memory-documents.ts';

type Document = { readonly id: string; readonly version: number };

const of = (...ids: readonly string[]): readonly Document[] => ids.map((id) => ({ id, version: 1 }));
const kept = async (): Promise<MemoryDocuments<Document>> => {
  const documents = new MemoryDocuments<Document>({ idOf: ({ id }) => id, versionOf: ({ version }) => version });
  await documents.put(of('b', 'c', 'a'), { position: 3, fingerprint: 'of 3' }, []);
  return documents;
};

test('documents are listed page by page in the order of their ids', async () => {
  const documents = await kept();
  expect(await documents.ids('', 2)).toEqual(['a', 'b']);
  expect(await documents.ids('b', 2)).toEqual(['c']);
});

test('a document that is newer than the one that is there takes its place, and no other', async () => {
  const documents = await kept();
  const [newer, older] = [
    { id: 'a', version: 2 },
    { id: 'b', version: 0 },
  ];
  await documents.put([newer, older], { position: 5, fingerprint: 'of 5' }, []);
  const { place, documents: found } = await documents.examine(['a', 'b', 'nothing']);
  expect(place).toEqual({ position: 5, fingerprint: 'of 5' });
  expect([...found].map(([id, { document }]) => [id, document.version])).toEqual([
    ['a', 2],
    ['b', 1],
  ]);
});

test('streams that are set aside are kept with the place, until all is thrown away', async () => {
  const documents = await kept();
  const stranger = { stream: 'station-A', position: 4, type: 'Strange', version: 9 };
  await documents.put([], { position: 4, fingerprint: 'of 4' }, [stranger as never]);
  await documents.rewrite(of('d'), ['a'], { position: 4, fingerprint: 'of 4' });
  expect((await documents.place()).setAside).toEqual([stranger]);
  expect(await documents.ids('', 9)).toEqual(['b', 'c', 'd']);
  await documents.clear();
  expect([await documents.ids('', 9), (await documents.place()).position]).toEqual([[], 0]);
});
