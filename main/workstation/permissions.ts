import type { Session } from 'electron'

/** Names the refused wish only: no address, which may name a patient. */
export type ReportRefusal = (permission: string) => void

/**
 * Refuses everything a page can ask a browser for; Electron grants all of it by default. Screen
 * capture needs no handler here: without one Electron refuses it, and the request is refused before.
 */
export const denyPermissions = (
  session: Pick<
    Session,
    | 'setPermissionRequestHandler'
    | 'setPermissionCheckHandler'
    | 'setDevicePermissionHandler'
    | 'on'
  >,
  report: ReportRefusal,
): void => {
  session.setPermissionRequestHandler((_contents, permission, answer) => {
    answer(false)
    report(permission)
  })
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event) => {
    event.preventDefault()
    report('download')
  })
}
