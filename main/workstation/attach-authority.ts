import { app } from 'electron'
import type { AuthorityClient } from '../authority/protocol/authority-client.ts'
import type { SeatDriver } from './seat-driver.ts'

/** That the agent runs, is told once, whatever becomes of its connection. */
export const announceOnce = (driver: Pick<SeatDriver, 'report'>): (() => void) => {
  let announced = false
  return () => {
    if (!announced) driver.report('agent-started', { version: app.getVersion() })
    announced = true
  }
}

/** The seat hears its authority, and asks it. */
export const attachAuthority = (
  driver: SeatDriver,
  client: AuthorityClient,
  announce: () => void,
): void => {
  driver.connect(client)
  client.onEvent((event) => driver.dispatch({ type: 'authority.event', event }))
  client.onConnection((connection, hello) => {
    if (connection === 'offline' || hello === undefined)
      return driver.dispatch({ type: 'authority.offline' })
    void driver.online(hello)
    announce()
  })
}
