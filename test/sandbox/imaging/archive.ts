import { Worker } from 'node:worker_threads'
import { listStudies, type ListedStudy } from './studies.ts'

export interface Archive {
  readonly studies: readonly ListedStudy[]
  /** The DICOM Part 10 file of a listed study; drawn at start, kept from then on. */
  instance(uid: string): Promise<Uint8Array>
  dispose(): Promise<void>
}

/** The images of the sandbox, drawn one after another by a thread of their own. */
export const openArchive = (): Archive => {
  const studies = listStudies(new Date())
  const instances = new Map(studies.map(({ uid }) => [uid, Promise.withResolvers<Uint8Array>()]))
  // Whoever asks for an image hears of its failure; that nobody asked is no failure.
  for (const { promise } of instances.values()) promise.catch(() => undefined)
  const worker = new Worker(new URL('./archive-worker.ts', import.meta.url))
  worker.unref()
  worker.on('message', ({ uid, bytes }: { uid: string; bytes: Uint8Array }) =>
    instances.get(uid)?.resolve(bytes),
  )
  worker.on('error', (error) => {
    for (const { reject } of instances.values()) reject(error)
  })
  for (const { uid } of studies) worker.postMessage(uid, [])
  return {
    studies,
    instance: (uid) =>
      instances.get(uid)?.promise ??
      Promise.reject(new RangeError('The archive has no such study.')),
    dispose: async () => void (await worker.terminate()),
  }
}
