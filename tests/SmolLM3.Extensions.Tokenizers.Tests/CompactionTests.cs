#pragma warning disable MAAI001 // The framework may still change its compaction.
using Microsoft.Agents.AI.Compaction;
using Microsoft.Extensions.AI;

namespace SmolLM3.Extensions.Tokenizers.Tests;

/// <summary>Agent Framework's compaction counts with the model's own tokens.</summary>
public sealed class CompactionTests(TinyTokenizer tiny) : IClassFixture<TinyTokenizer>
{
    [Fact]
    public void A_group_counts_what_the_model_counts()
    {
        CompactionMessageIndex index = new([], tiny.Adapter);
        ChatMessage[] messages = Turns(3);
        AddTo(index, messages);

        Assert.Equal(messages.Sum(message => tiny.Words.CountTokens(message.Text)), index.TotalTokenCount);
        Assert.NotEqual(index.TotalByteCount / 4, index.TotalTokenCount);
    }

    [Fact]
    public async Task Old_turns_go_until_what_is_left_has_few_enough_tokens_and_is_answered()
    {
        CompactionMessageIndex index = new([], tiny.Adapter);
        ChatMessage[] messages = Turns(20);
        AddTo(index, messages);
        int most = index.TotalTokenCount / 2;
        TruncationCompactionStrategy strategy = new(CompactionTriggers.TokensExceed(most), 1);

        Assert.True(await strategy.CompactAsync(index));
        ChatMessage[] left = [.. index.GetIncludedMessages()];
        int tokens = left.Sum(message => tiny.Words.CountTokens(message.Text));
        Assert.Equal(tokens, index.IncludedTokenCount);
        Assert.InRange(tokens, 1, most);
        Assert.Equal(messages[^left.Length..], left);
        Assert.True(tiny.Words.Measure(left).Tokens < tiny.Words.Measure(messages).Tokens);
        ChatResponse response = await tiny.Client.GetResponseAsync(left, new() { Temperature = 0, MaxOutputTokens = 16 });
        Assert.Equal(tiny.Words.Measure(left).Tokens, response.Usage!.InputTokenCount);
    }

    private static void AddTo(CompactionMessageIndex index, ChatMessage[] messages)
    {
        for (int i = 0; i < messages.Length; i++)
        {
            index.AddGroup(
                messages[i].Role == ChatRole.User ? CompactionGroupKind.User : CompactionGroupKind.AssistantText,
                [messages[i]],
                (i / 2) + 1);
        }
    }

    private static ChatMessage[] Turns(int count) =>
    [
        .. Enumerable.Range(0, count).SelectMany(i => new ChatMessage[]
        {
            new(ChatRole.User, $"What is {i} + {i}?"), new(ChatRole.Assistant, $"{i} + {i} is {i + i}."),
        }),
        new(ChatRole.User, "What is 2 + 2?"),
    ];
}
