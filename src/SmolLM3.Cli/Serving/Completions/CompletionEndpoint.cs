using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.AI;
using SmolLM3.Cli.Serving.Access;
using SmolLM3.Cli.Serving.Chat;
using SmolLM3.Extensions;
using SmolLM3.Inference.Tokenization;

namespace SmolLM3.Cli.Serving.Completions;

/// <summary><c>POST /v1/completions</c>: a text, or token ids, goes on.</summary>
internal static class CompletionEndpoint
{
    public static void Map(IEndpointRouteBuilder app) => app.MapPost("/v1/completions", AnswerAsync)
        .WithMetadata(NeedsKey.Instance)
        .RequireRateLimiting(RequestRate.Policy);

    private static async Task AnswerAsync(
        HttpContext context,
        IChatClient client,
        ServedModel model,
        ServerSettings settings,
        TimeProvider time,
        Shutdown shutdown,
        EventWriter events)
    {
        model.ThrowIfNotReady();
        JsonElement body = await JsonBody.ReadAsync(context.Request);
        CompletionRequest request = CompletionRequestReader.Read(body, settings.RequestTimeout);
        ISmolLM3TextCompletion completion = client.GetRequiredService<ISmolLM3TextCompletion>();
        string echo = !request.Echoes ? ""
            : request.Text ?? client.GetRequiredService<Tokenizer>().Decode([.. request.Tokens!]);
        CompletionJson json = new(request, model.Id, time.GetUtcNow());
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, shutdown.Token);
        if (!request.Streams)
        {
            ChatResponse[] responses = await Choices.AllAsync(
                Enumerable.Range(0, request.Choices).Select(choice => request.Text is { } text
                    ? completion.CompleteAsync(text, request.OptionsOf(choice), ending.Token)
                    : completion.CompleteAsync(request.Tokens!, request.OptionsOf(choice), ending.Token)),
                ending);
            await JsonBody.WriteAsync(context, json.Of(
                responses.Select((response, i) => json.Choice(
                    i, echo + response.Text, response.FinishReason, response.Messages[^1].AdditionalProperties)),
                UsageJson.Of([.. responses.Select(response => response.Usage ?? new())])));
            return;
        }

        UsageDetails[] usages = [.. Enumerable.Range(0, request.Choices).Select(_ => new UsageDetails())];
        await events.WriteAsync(
            context,
            [.. usages.Select((usage, choice) => ConvertAsync(
                json,
                choice,
                echo,
                request.Text is { } text
                    ? completion.CompleteStreamingAsync(text, request.OptionsOf(choice), ending.Token)
                    : completion.CompleteStreamingAsync(request.Tokens!, request.OptionsOf(choice), ending.Token),
                usage,
                ending.Token))],
            _ => request.TellsUsage ? json.Of([], UsageJson.Of(usages)) : null,
            ending);
    }

    private static async IAsyncEnumerable<JsonObject> ConvertAsync(
        CompletionJson json,
        int choice,
        string echo,
        IAsyncEnumerable<ChatResponseUpdate> updates,
        UsageDetails usage,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ChatResponseUpdate update in updates.WithCancellation(cancellationToken))
        {
            foreach (UsageContent content in update.Contents.OfType<UsageContent>())
            {
                usage.Add(content.Details);
            }

            yield return json.Of(
                [json.Choice(choice, echo + update.Text, update.FinishReason, update.AdditionalProperties)], usage: null);
            echo = "";
        }
    }
}
