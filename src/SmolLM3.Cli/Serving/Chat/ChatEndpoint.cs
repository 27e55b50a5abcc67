using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.AI;
using SmolLM3.Cli.Serving.Access;

namespace SmolLM3.Cli.Serving.Chat;

/// <summary><c>POST /v1/chat/completions</c>.</summary>
internal static class ChatEndpoint
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/v1/chat/completions", AnswerAsync)
        .WithMetadata(NeedsKey.Instance)
        .RequireRateLimiting(RequestRate.Policy);

    private static async Task AnswerAsync(
        HttpContext context,
        IChatClient client,
        ServedModel model,
        ServerSettings settings,
        Shutdown shutdown,
        EventWriter streams)
    {
        model.ThrowIfNotReady();
        JsonElement body = await JsonBody.ReadAsync(context.Request);
        ChatRequest request = ChatRequestReader.Read(body, settings.RequestTimeout);

        // One answer that fails ends the others, too.
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, shutdown.Token);
        if (!request.Streams)
        {
            ChatResponse[] responses = await Choices.AllAsync(
                Enumerable.Range(0, request.Choices).Select(choice =>
                    client.GetResponseAsync(request.Messages, request.OptionsOf(choice), ending.Token)),
                ending);
            await JsonBody.WriteAsync(context, ChatJson.ToCompletion(responses, request));
            return;
        }

        string id = ChatJson.NewId();
        ChatChunks[] choices = [.. Enumerable.Range(0, request.Choices).Select(choice => new ChatChunks(request, choice, id))];
        await streams.WriteAsync(
            context,
            [.. choices.Select(choice => choice.ConvertAsync(
                client.GetStreamingResponseAsync(request.Messages, request.OptionsOf(choice.Index), ending.Token),
                ending.Token))],
            last => ChatChunks.Usage(last, request, choices),
            ending);
    }
}
