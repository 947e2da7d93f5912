import { parentPort } from 'node:worker_threads'
import { instanceOf, listStudies } from './studies.ts'

// Drawing an image takes longer than a frame, so it is done beside the thread that serves pages.
const studies = listStudies(new Date())
parentPort?.on('message', (uid: string) => {
  const wanted = studies.find((entry) => entry.uid === uid)
  if (wanted === undefined) throw new RangeError('The archive was asked for an unknown study.')
  const bytes = instanceOf(wanted)
  parentPort?.postMessage({ uid, bytes }, [])
})
