using Microsoft.Extensions.AI;

namespace SmolLM3.TinyModelTests.Soak;

/// <summary>What a request came to.</summary>
internal enum SoakOutcome
{
    Stop,
    Length,
    ToolCalls,
    Cancelled,
    Abandoned,
    Refused,
    OwnError,
}

/// <summary>Asks a request and sees that it ends in a way it may.</summary>
internal static class SoakCaller
{
    /// <summary>Asks.</summary>
    /// <exception cref="Exception">It ended in a way it may not.</exception>
    public static async Task<SoakOutcome> AskAsync(IChatClient client, SoakRequest request)
    {
        SoakOutcome outcome = await EndAsync(client, request);
        Require(request.Mistake is null || outcome == SoakOutcome.Refused, $"{request.Mistake?.Name} was expected");
        Require(
            request.Leaving != SoakLeaving.CancelsBefore || outcome == SoakOutcome.Cancelled,
            "it was cancelled before it began");
        return outcome;
    }

    private static async Task<SoakOutcome> EndAsync(IChatClient client, SoakRequest request)
    {
        using CancellationTokenSource cancel = new();
        switch (request.Leaving)
        {
            case SoakLeaving.CancelsBefore:
                await cancel.CancelAsync();
                break;
            case SoakLeaving.CancelsAfterTime:
                cancel.CancelAfter(request.LeavesAfter);
                break;
        }

        try
        {
            return request.IsStreaming
                ? await StreamAsync(client, request, cancel)
                : Judge(request, await client.GetResponseAsync(request.Messages!, request.Options, cancel.Token));
        }
        catch (OperationCanceledException) when (request.MayBeCancelled)
        {
            return SoakOutcome.Cancelled;
        }
        catch (SoakException) when (request.MayThrow)
        {
            return SoakOutcome.OwnError;
        }
        catch (Exception error) when (request.Mistake?.IsInstanceOfType(error) == true)
        {
            return SoakOutcome.Refused;
        }
    }

    private static async Task<SoakOutcome> StreamAsync(
        IChatClient client, SoakRequest request, CancellationTokenSource cancel)
    {
        List<ChatResponseUpdate> updates = [];
        IAsyncEnumerable<ChatResponseUpdate> stream =
            client.GetStreamingResponseAsync(request.Messages!, request.Options, cancel.Token);
        if (request.Leaving == SoakLeaving.NeverReads)
        {
            return SoakOutcome.Abandoned;
        }

        await foreach (ChatResponseUpdate update in stream)
        {
            updates.Add(update);
            if (updates.Count == request.LeavesAfter && request.Leaving == SoakLeaving.AbandonsAfterUpdates)
            {
                return SoakOutcome.Abandoned;
            }

            if (updates.Count == request.LeavesAfter && request.Leaving == SoakLeaving.CancelsAfterUpdates)
            {
                await cancel.CancelAsync();
            }
        }

        Require(
            updates.FindIndex(update => update.FinishReason is not null) == updates.Count - 1,
            "the finish reason comes with the last update");
        Require(
            updates.SelectMany(update => update.Contents).OfType<UsageContent>().Count() == 1, "the usage comes once");
        return Judge(request, updates.ToChatResponse());
    }

    private static SoakOutcome Judge(SoakRequest request, ChatResponse response)
    {
        Require(
            response.Usage?.OutputTokenCount >= 1 && response.Usage.OutputTokenCount <= request.Options.MaxOutputTokens,
            $"{response.Usage?.OutputTokenCount} tokens of {request.Options.MaxOutputTokens} came");
        Require(request.IsRight(response), $"the answer breaks its promise: {response.Text}");
        return response.FinishReason?.Value switch
        {
            "stop" => SoakOutcome.Stop,
            "length" => SoakOutcome.Length,
            "tool_calls" => SoakOutcome.ToolCalls,
            var other => throw new InvalidOperationException($"The finish reason is '{other}'."),
        };
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"Against the contract: {what}.");
        }
    }
}
