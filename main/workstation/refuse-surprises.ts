import { app } from 'electron'

let refusing = false

/** What Electron would decide for us: certificates, passwords, client certificates. */
export const refuseSurprises = (): void => {
  if (refusing) return
  refusing = true
  app.on('certificate-error', (event, _contents, _url, _error, _certificate, accept) => {
    event.preventDefault()
    accept(false)
  })
  // Unhandled, Electron takes the first certificate of the machine.
  app.on('select-client-certificate', (event, _contents, _url, _list, choose) => {
    event.preventDefault()
    choose()
  })
  app.on('login', (event) => event.preventDefault())
}
