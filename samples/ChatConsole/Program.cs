using Microsoft.Extensions.AI;
using SmolLM3.Extensions;
using SmolLM3.TinyModel;

// A conversation at the console. Answers stream, and each turn computes only what is new in it.
//   dotnet run --project samples/ChatConsole                             (the tiny model, nothing to download)
//   dotnet run --project samples/ChatConsole -- SmolLM3-Q4_K_M.gguf      (the real one)
SmolLM3Options options = args is [string path]
    ? new() { Model = path }
    : new SmolLM3Options { Temperature = 0 }.UseTinyModel(); // Drawn at random, its tokens go wrong now and then.

// However long they talk: where the context is full, the oldest turns go.
options.ContextOverflow = ContextOverflow.DropOldestTurns;
using var client = new SmolLM3ChatClient(options);

Console.WriteLine("Say something; an empty line ends it.");
List<ChatMessage> conversation = [new(ChatRole.System, "You are a helpful assistant.")];
while (Ask() is { Length: > 0 } question)
{
    conversation.Add(new(ChatRole.User, question));
    List<ChatResponseUpdate> updates = [];
    await foreach (ChatResponseUpdate update in client.GetStreamingResponseAsync(conversation))
    {
        Console.Write(update.Text);
        updates.Add(update);
    }

    // The answer goes back as it came, so that the next prompt begins with what is computed already.
    ChatResponse response = updates.ToChatResponse();
    conversation.AddMessages(response);
    UsageDetails usage = response.Usage!;
    Console.WriteLine();
    Console.WriteLine($"({usage.InputTokenCount} tokens read, of which {usage.CachedInputTokenCount} were known already)");
}

static string? Ask()
{
    Console.Write("> ");
    return Console.ReadLine();
}
