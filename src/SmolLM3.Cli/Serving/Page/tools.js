// What the page can do for the model when asked. Arguments are text from a model: they are read as data, never run.

const OPERATIONS = { '+': (a, b) => a + b, '-': (a, b) => a - b, '*': (a, b) => a * b, '/': (a, b) => a / b };

const TOOLS = {
  GetCurrentTime: {
    description: 'Gets the current date and time in a time zone.',
    parameters: {
      type: 'object',
      properties: { timeZone: { type: 'string', description: 'An IANA time zone, such as Europe/Lisbon.' } },
      required: ['timeZone'],
    },
    run: ({ timeZone }) =>
      new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'full', timeStyle: 'short' }).format(new Date()),
  },
  Calculate: {
    description: 'Calculates with two numbers.',
    parameters: {
      type: 'object',
      properties: {
        left: { type: 'number' },
        operation: { enum: Object.keys(OPERATIONS) },
        right: { type: 'number' },
      },
      required: ['left', 'operation', 'right'],
    },
    run: ({ left, operation, right }) => String(OPERATIONS[operation](left, right)),
  },
};

/** The tools as a request tells of them. */
export const declarations = Object.entries(TOOLS).map(([name, { description, parameters }]) => (
  { type: 'function', function: { name, description, parameters } }));

/** Runs a call and returns its result, or what went wrong, as text for the model. */
export function run(call) {
  try {
    const tool = Object.hasOwn(TOOLS, call.function.name) ? TOOLS[call.function.name] : null;
    return tool ? tool.run(JSON.parse(call.function.arguments)) : `Error: there is no tool ${call.function.name}.`;
  } catch (error) {
    return `Error: ${error.message}`;
  }
}
