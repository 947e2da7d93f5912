import { z } from 'zod'
import { callErrorSchema, procedures } from '../protocol/index.ts'
import { statusOf } from './call-errors.ts'

const json = (schema: z.ZodType, io: 'input' | 'output') => ({
  'application/json': { schema: z.toJSONSchema(schema, { io, unrepresentable: 'any' }) },
})

/** The agent's calls as an OpenAPI 3.1 document, made of the schemas that check them. */
export function openApi(version: string) {
  const errors = Object.fromEntries(
    [...new Set(Object.values(statusOf))].map((status) => [
      String(status),
      {
        description: Object.entries(statusOf)
          .filter(([, of]) => of === status)
          .map(([code]) => code)
          .join(', '),
        content: json(z.strictObject({ error: callErrorSchema }), 'output'),
      },
    ]),
  )
  return {
    openapi: '3.1.0',
    info: { title: 'Lanyard authority, agent API', version },
    security: [{ agent: [] }],
    components: { securitySchemes: { agent: { type: 'http', scheme: 'bearer' } } },
    paths: Object.fromEntries(
      Object.entries(procedures).map(([call, { request, response }]) => [
        `/agent/v1/${call}`,
        {
          post: {
            operationId: call,
            requestBody: { required: true, content: json(request, 'input') },
            responses: {
              '200': { description: 'Done', content: json(response, 'output') },
              ...errors,
            },
          },
        },
      ]),
    ),
  }
}
