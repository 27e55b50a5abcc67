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
        CompletionChoice[] choices = ToChoices(request, client.GetRequiredService<Tokenizer>());
        CompletionJson json = new(request, model.Id, time.GetUtcNow());
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, shutdown.Token);
        if (!request.Streams)
        {
            ChatResponse[] responses = await Choices.AllAsync(
                choices.Select(choice => completion.CompleteAsync(choice.Prompt, choice.Options, ending.Token)), ending);
            await JsonBody.WriteAsync(context, json.Of(
                choices.Zip(responses, (choice, response) => choice.ToJson(
                    response.Text, response.FinishReason, response.Messages[^1].AdditionalProperties)),
                UsageJson.Of([.. responses.Select(response => response.Usage ?? new())], request.ChoicesOfPrompt)));
            return;
        }

        await events.WriteAsync(
            context,
            [.. choices.Select(choice => ConvertAsync(
                json,
                choice,
                completion.CompleteStreamingAsync(choice.Prompt, choice.Options, ending.Token),
                ending.Token))],
            _ => request.TellsUsage
                ? json.Of([], UsageJson.Of([.. choices.Select(choice => choice.Usage)], request.ChoicesOfPrompt))
                : null,
            ending);
    }

    private static CompletionChoice[] ToChoices(CompletionRequest request, Tokenizer tokenizer)
    {
        List<CompletionChoice> choices = [];
        foreach (CompletionPrompt prompt in request.Prompts)
        {
            int[] tokens = prompt.Tokens is { } ids ? [.. ids] : tokenizer.Encode(prompt.Text!);
            string echo = !request.Echoes ? "" : prompt.Text ?? tokenizer.Decode(tokens);
            for (int i = 0; i < request.ChoicesOfPrompt; i++)
            {
                choices.Add(new(request, choices.Count, tokens, echo));
            }
        }

        return [.. choices];
    }

    private static async IAsyncEnumerable<JsonObject> ConvertAsync(
        CompletionJson json,
        CompletionChoice choice,
        IAsyncEnumerable<ChatResponseUpdate> updates,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (ChatResponseUpdate update in updates.WithCancellation(cancellationToken))
        {
            foreach (UsageContent content in update.Contents.OfType<UsageContent>())
            {
                choice.Usage.Add(content.Details);
            }

            yield return json.Of(
                [choice.ToJson(update.Text, update.FinishReason, update.AdditionalProperties)], usage: null);
        }
    }
}
