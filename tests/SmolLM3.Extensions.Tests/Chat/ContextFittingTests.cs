using SmolLM3.Extensions.Chat;
using SmolLM3.Inference.Tokenization;
using static SmolLM3.Extensions.Tests.Chat.Prompts;
using static SmolLM3.Extensions.Tests.Chat.Vocabularies;

namespace SmolLM3.Extensions.Tests.Chat;

public class ContextFittingTests
{
    private const int Header = 5;

    [Fact]
    public void Exchanges_go_in_steps_of_half_the_room()
    {
        int[] lengths = [.. Enumerable.Repeat(10, 21)];
        int[] dropped = [.. Enumerable.Range(1, 21).Select(count => Drop(lengths[..count], room: 100))];

        Assert.Equal([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5, 5, 5, 5, 5, 10, 10, 10, 10, 10, 15], dropped);
    }

    [Theory]
    [InlineData(60, 3)]
    [InlineData(61, 4)]
    [InlineData(80, 4)]
    [InlineData(81, 5)]
    [InlineData(1000, 5)]
    public void A_long_newest_exchange_halves_again_what_stays_before_it(int newest, int expected) =>
        Assert.Equal(expected, Drop([20, 20, 20, 20, 20, newest], room: 100));

    [Theory]
    [InlineData(0)]
    [InlineData(-7)]
    public void Without_room_the_last_exchange_alone_stays(int room)
    {
        Assert.Equal(2, Drop([10, 10, 10], room));
        Assert.Equal(0, Drop([10], room));
    }

    /// <summary>Grows conversations message for message, as requests send them.</summary>
    [Fact]
    public void A_cut_moves_only_when_it_must_and_never_back()
    {
        Random random = new(5);
        for (int conversation = 0; conversation < 200; conversation++)
        {
            int room = random.Next(0, 200);
            int longest = random.Next(2, 100);
            int moves = 0;
            int last = 0;
            List<int> lengths = [];
            for (int exchange = 0; exchange < 60; exchange++)
            {
                lengths.Add(0);
                for (int message = random.Next(1, 5); message > 0; message--)
                {
                    lengths[^1] += random.Next(1, longest);
                    int dropped = Drop(lengths, room);
                    Assert.InRange(dropped, last, exchange);
                    Assert.True(dropped == exchange || lengths.Skip(dropped).Sum() <= room);
                    Assert.True(dropped == last || lengths.Skip(last).Sum() > room);
                    moves += dropped == last ? 0 : 1;
                    last = dropped;
                }
            }

            // Between two moves half of the room fills up, but for what an exchange of its own takes.
            Assert.True(4 * longest > room / 2 || moves <= lengths.Sum() / (room / 2 - 4 * longest + 1));
        }
    }

    [Theory]
    [InlineData(100, null, 75)]
    [InlineData(100, 10, 90)]
    [InlineData(100, 50, 50)]
    [InlineData(100, 90, 50)]
    public void Room_is_kept_for_the_answer(int context, int? maxOutputTokens, int longestPrompt)
    {
        foreach (int length in new[] { longestPrompt, longestPrompt + 1 })
        {
            List<int> prompt = [.. Enumerable.Range(0, length)];
            int dropped = ContextFitting.Shorten(prompt, [Header, Header + 10], context, maxOutputTokens);

            Assert.Equal(length > longestPrompt ? 1 : 0, dropped);
            IEnumerable<int> whole = Enumerable.Range(0, length);
            Assert.Equal(whole.Where(i => dropped == 0 || i is < Header or >= Header + 10), prompt);
        }
    }

    [Fact]
    public void A_prompt_without_exchanges_stays_as_it_is()
    {
        List<int> prompt = [1, 2, 3];
        Assert.Equal(0, ContextFitting.Shorten(prompt, [], 2, null));
        Assert.Equal([1, 2, 3], prompt);
    }

    /// <summary>What makes cutting ids the same as rendering the shorter conversation.</summary>
    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public void Without_some_exchanges_the_ids_are_those_of_the_shorter_conversation(bool think, bool hasTools)
    {
        PromptMessage[] messages =
        [
            SystemText("Be kind."),
            Assistant("Welcome."), User("Hi"), Assistant("Hello") with { GeneratedTokens = Tiny.Encode("H e l l o") },
            User("Weather?"), Assistant("") with { ToolCalls = [Call("a", "{}")] }, Tool("Sunny"), Assistant("Sunny."),
            SystemText("Be brief."),
            User("And"), User("now?"),
            Assistant("") with { ToolCalls = [Call("a", "{}")], Reasoning = "Hm." }, Tool("Wet"),
        ];
        int[] exchanges = [1, 4, 9, 10];
        PromptRequest request = Request(think) with { Tools = hasTools ? [Json("""{"name": "a"}""")] : [] };
        ChatPrompt whole = ChatTemplate.Render(request with { Messages = messages });
        List<int> ids = whole.Encode(Tiny, out int[] starts);
        Assert.Equal(exchanges.Length, starts.Length);

        for (int dropped = 0; dropped < exchanges.Length; dropped++)
        {
            PromptMessage[] kept = [messages[0], .. messages[exchanges[dropped]..]];
            Assert.Equal(
                ChatTemplate.Render(request with { Messages = kept }).Encode(Tiny),
                ids[..starts[0]].Concat(ids[starts[dropped]..]));
        }
    }

    [Fact]
    public void A_conversation_without_a_user_is_one_exchange_and_one_without_messages_none()
    {
        ChatTemplate.Render(Request(false, SystemText("S"), Assistant("A"), Tool("B"))).Encode(Tiny, out int[] one);
        Assert.Single(one);
        ChatTemplate.Render(Request(false, SystemText("S"))).Encode(Tiny, out int[] none);
        Assert.Empty(none);
    }

    private static int Drop(IReadOnlyList<int> lengths, int room)
    {
        int[] ends = [.. lengths.Select((_, i) => Header + lengths.Take(i + 1).Sum())];
        return ContextFitting.CountDropped([Header, .. ends[..^1]], ends[^1], room);
    }
}
