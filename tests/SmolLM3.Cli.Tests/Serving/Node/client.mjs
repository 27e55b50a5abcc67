// Asks a server by npm's openai client, and writes what came of it as one JSON object.
import OpenAI from 'openai';

const client = new OpenAI({ baseURL: process.argv[2], apiKey: process.argv[3], maxRetries: 0 });
const model = 'smollm3-tiny';
const tools = [{
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Gets the weather of a city.',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
}];

const models = (await client.models.list()).data.map(entry => entry.id);

const answer = await client.chat.completions.create({
  model, temperature: 0, reasoning_effort: 'low', messages: [{ role: 'user', content: 'What is 3 + 4?' }],
});

const conversation = [{ role: 'user', content: 'What is the weather in Lisbon?' }];
const stream = client.chat.completions.stream({
  model, temperature: 0, tools, messages: conversation, stream_options: { include_usage: true },
});
const called = await stream.finalChatCompletion();
const call = called.choices[0].message.tool_calls[0];
conversation.push(called.choices[0].message, { role: 'tool', tool_call_id: call.id, content: 'Sunny, 24 degrees' });
let text = '';
for await (const chunk of await client.chat.completions.create({
  model, temperature: 0, tools, messages: conversation, stream: true,
})) {
  text += chunk.choices[0]?.delta?.content ?? '';
}

const refused = await client.chat.completions
  .create({ model: 'gpt-5', messages: [{ role: 'user', content: 'x' }] })
  .catch(error => ({ type: error.constructor.name, status: error.status, code: error.code, param: error.param }));

console.log(JSON.stringify({
  models,
  text: answer.choices[0].message.content,
  reasoning: answer.choices[0].message.reasoning_content,
  call: call.function,
  usage: called.usage,
  result: text,
  refused,
}));
