using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Chat;

/// <summary>Tells the model of the calls it wrote badly. Function invocation runs the good calls beside them and goes on
/// with their results alone.</summary>
internal static class BrokenCalls
{
    /// <summary>The conversation in which each broken call has a result: its own, or what is wrong with it.</summary>
    /// <param name="messages">The conversation; read, never changed.</param>
    public static IEnumerable<ChatMessage> Answer(IReadOnlyList<ChatMessage> messages)
    {
        HashSet<string> answered =
            [.. messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().Select(r => r.CallId)];
        for (int i = 0; i < messages.Count; i++)
        {
            yield return messages[i];
            FunctionCallContent[] calls = [.. messages[i].Contents.OfType<FunctionCallContent>()];
            AIContent[] errors =
            [
                .. calls.Where(call => !answered.Contains(call.CallId))
                    .Select(call => (call.CallId, Text: ContentMapping.FindError(call)))
                    .Where(error => error.Text is not null)
                    .Select(error => new FunctionResultContent(error.CallId, ResultMapping.Error(error.Text!))),
            ];
            if (errors.Length == 0)
            {
                continue;
            }

            List<AIContent> results = [];
            while (i + 1 < messages.Count && messages[i + 1].Role == ChatRole.Tool)
            {
                results.AddRange(messages[++i].Contents);
            }

            // Results have no names in the prompt: the model tells them apart by the order of its calls.
            List<string> order = [.. calls.Select(call => call.CallId)];
            yield return new ChatMessage(ChatRole.Tool, [.. results.Concat(errors).OrderBy(Place)]);

            int Place(AIContent content) =>
                content is FunctionResultContent result && order.IndexOf(result.CallId) is >= 0 and int place
                    ? place
                    : order.Count;
        }
    }
}
