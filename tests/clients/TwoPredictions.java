import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Sends a body twice with its length and twice in chunks, by one client of Java's default settings. */
public class TwoPredictions {
    public static void main(String[] arguments) throws Exception {
        URI place = URI.create(arguments[0]);
        byte[] body = arguments[1].getBytes("UTF-8");
        BodyPublisher sized = BodyPublishers.ofByteArray(body);
        BodyPublisher chunked = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body));
        HttpClient client = HttpClient.newHttpClient();
        for (BodyPublisher publisher : new BodyPublisher[] {sized, sized, chunked, chunked}) {
            HttpRequest request = HttpRequest.newBuilder(place)
                    .header("Content-Type", "application/json")
                    .POST(publisher)
                    .build();
            HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
            System.out.println(answer.statusCode() + " " + answer.version() + " " + answer.body());
        }
    }
}
