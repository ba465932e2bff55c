// Two predictions with a length and two in chunks, by the fetch of Node, which keeps its connections.
const [place, body] = process.argv.slice(2);
const headers = { "Content-Type": "application/json" };
const chunks = () =>
  new ReadableStream({
    start(controller) {
      for (const part of body.match(/.{1,7}/gsu)) controller.enqueue(new TextEncoder().encode(part));
      controller.close();
    },
  });
const sized = () => ({ body });
const streamed = () => ({ body: chunks(), duplex: "half" });
for (const sent of [sized, sized, streamed, streamed]) {
  const answer = await fetch(place, { method: "POST", headers, ...sent() });
  console.log(JSON.stringify({ status: answer.status, answer: await answer.json() }));
}
