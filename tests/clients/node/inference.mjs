// Hugging Face's own client, in Node.
import { InferenceClient } from "@huggingface/inference";

const [questions, texts, question, context, text] = process.argv.slice(2);
const client = new InferenceClient();
const inputs = { question, context };
const found = {
  answer: await client.questionAnswering({ endpointUrl: questions, inputs }),
  endpoint: await client.endpoint(questions).questionAnswering({ inputs, parameters: { top_k: 2 } }),
  labels: await client.textClassification({ endpointUrl: texts, inputs: text }),
  refusal: await client.questionAnswering({ endpointUrl: questions, inputs: { question: "", context } }).catch(String),
};
console.log(JSON.stringify(found));
