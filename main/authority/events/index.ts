export type { NewEvent, StoredEvent } from './event.ts'
export { createEventHub, type EventHub, type EventSubscription } from './hub.ts'
export { type Addressed, writeEvents } from './write-events.ts'
export { type EventFeed, type EventFeedOptions, startEventFeed } from './feed.ts'
