using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Chat;
using SmolLM3.Extensions.Hosting;
using SmolLM3.Extensions.Loading;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Hosting;

public sealed class WarmUpServiceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_start_that_takes_long_says_how_long_it_takes_and_ends_as_the_load_does(bool succeeds)
    {
        ClientHarness harness = new("Hi.");
        using ManualResetEventSlim go = new();
        SharedModel model = new(() =>
        {
            go.Wait();
            return succeeds ? Loaded(harness) : throw new IOException("broken");
        });
        Assert.True(model.TryHold());
        await using SmolLM3ChatClient client = new(
            new SmolLM3Options().UseModel("big", () => Stream.Null), _ => model, harness.Logs, harness.Time);
        Listener log = new();
        WarmUpService service = new(() => true, () => client, log, harness.Time);

        Task start = service.StartAsync(CancellationToken.None);
        Assert.Equal("Warming up: loading big", await log.Messages.ReadAsync());
        harness.Time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal("Warming up: still loading big, 5 s so far", await log.Messages.ReadAsync());
        Assert.False(start.IsCompleted);
        go.Set();
        if (succeeds)
        {
            await start;
            Assert.True(client.Loading!.IsCompletedSuccessfully);
        }
        else
        {
            Assert.Equal("broken", (await Assert.ThrowsAsync<IOException>(() => start)).Message);
        }
    }

    [Fact]
    public async Task Where_it_is_not_wanted_no_client_is_made()
    {
        Listener log = new();
        WarmUpService service = new(
            () => false, () => throw new InvalidOperationException("A client was made."), log, TimeProvider.System);
        await service.StartAsync(CancellationToken.None);
        Assert.False(log.Messages.TryRead(out _));
    }

    private static LoadedModel Loaded(ClientHarness harness) => new()
    {
        Tokenizer = ClientHarness.Words,
        Vocabulary = new ChatVocabulary(ClientHarness.Words),
        Generator = harness.Generator,
        Model = new ModelInfo("smollm3", "Scripted", ClientHarness.Words.VocabularySize, 4096, 1, 1),
        Engine = new EngineInfo("scripted", "none", 1, true),
        ContextLength = 64,
    };

    private sealed class Listener : ILogger
    {
        private readonly Channel<string> _messages = Channel.CreateUnbounded<string>();

        public ChannelReader<string> Messages => _messages.Reader;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter) => _messages.Writer.TryWrite(formatter(state, exception));
    }
}
