// Hugging Face's own client, in a page.
const [url, hubId, inputs] = ARGUMENTS;
const {InferenceClient} = await import("@huggingface/inference");
const client = new InferenceClient();
return {
  answer: await client.questionAnswering({endpointUrl: `${url}/models/${hubId}`, inputs}),
  labels: await client.textClassification({endpointUrl: `${url}/models/project-tags`, inputs: "a text"}),
};
