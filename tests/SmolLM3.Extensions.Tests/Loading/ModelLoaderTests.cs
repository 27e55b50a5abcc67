using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using SmolLM3.Extensions.Loading;
using SmolLM3.Extensions.Tests.Telemetry;
using SmolLM3.Inference.Gguf;

namespace SmolLM3.Extensions.Tests.Loading;

public sealed class ModelLoaderTests
{
    [Fact]
    public void A_load_that_fails_behind_the_engine_closes_it()
    {
        FakeEngineFactory engines = new();
        SmolLM3Options options = new();
        options.UseModel("tiny", () => File.OpenRead(Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf")));
        ModelKey key = ModelKey.From(options, options.FindSource()!, engines);

        Assert.Throws<IOException>(() => ModelLoader.Load(key, new ThrowingLoggers()));
        FakeEngineFactory.Engine engine = Assert.Single(engines.Made);
        Assert.True(engine.IsDisposed);
    }

    [Fact]
    public void A_listener_that_throws_does_not_lose_a_model_that_is_loaded()
    {
        string name = Guid.NewGuid().ToString();
        using MeterProbe probe = new(name) { OnMeasure = _ => throw new IOException("listener") };
        FakeEngineFactory engines = new();
        SmolLM3Options options = new();
        options.UseModel(name, () => File.OpenRead(Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf")));

        Assert.NotNull(ModelLoader.Load(
            ModelKey.From(options, options.FindSource()!, engines), NullLoggerFactory.Instance));
        Assert.False(Assert.Single(engines.Made).IsDisposed);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_tokenizer_of_another_size_than_the_embedding_is_refused_with_both_sizes(int more)
    {
        using GgufFile tiny = GgufFile.Open(Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf"));
        long rows = tiny.GetTensor("token_embd.weight").RowCount;
        byte[] file = WithEmbedding(tiny, rows + more);
        FakeEngineFactory engines = new();
        SmolLM3Options options = new SmolLM3Options().UseModel("mixed", () => new MemoryStream(file));
        ModelKey key = ModelKey.From(options, options.FindSource()!, engines);

        GgufFormatException error =
            Assert.Throws<GgufFormatException>(() => ModelLoader.Load(key, NullLoggerFactory.Instance));
        Assert.Contains($"{rows} tokens", error.Message, StringComparison.Ordinal);
        Assert.Contains($"{rows + more} rows", error.Message, StringComparison.Ordinal);
        Assert.True(Assert.Single(engines.Made).IsDisposed);
    }

    [Theory]
    [InlineData(null, 300)]
    [InlineData(1000, 300)]
    [InlineData(192, 192)]
    public async Task A_request_gets_as_far_as_context_and_capacity_let_it(int? capacity, int length)
    {
        SmolLM3Options options = new() { ContextLength = 300, CapacityTokens = capacity };
        options.UseModel("tiny", () => File.OpenRead(Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf")));
        ModelKey key = ModelKey.From(options, options.FindSource()!, ManagedEngineFactory.Instance);

        await using LoadedModel model = ModelLoader.Load(key, NullLoggerFactory.Instance);
        Assert.Equal(length, model.ContextLength);
    }

    [Fact]
    public async Task A_load_is_measured_whether_it_succeeds_or_not()
    {
        string name = Guid.NewGuid().ToString();
        using MeterProbe probe = new(name);
        SmolLM3Options options = new();
        options.UseModel(name, () => File.OpenRead(Path.Combine(AppContext.BaseDirectory, "smollm3-tiny.gguf")));
        ModelKey key = ModelKey.From(options, options.FindSource()!, new FakeEngineFactory());
        Assert.Throws<IOException>(() => ModelLoader.Load(key, new ThrowingLoggers()));
        await using LoadedModel model = ModelLoader.Load(key, NullLoggerFactory.Instance);

        Assert.Equal(["System.IO.IOException", null], probe.ErrorsOf("smollm3.model.load.duration"));
        Assert.NotEqual(0, probe.Gauge("smollm3.kv.capacity"));
    }

    private static byte[] WithEmbedding(GgufFile file, long rows)
    {
        GgufWriter writer = new();
        foreach ((string key, object value) in file.Metadata)
        {
            writer.Set(key, value);
        }

        writer.AddTensor(
            "token_embd.weight", GgufTensorType.F32, [32, rows], stream => stream.Write(new byte[32 * 4 * rows]));
        MemoryStream stream = new();
        writer.Write(stream);
        return stream.ToArray();
    }

    private sealed class ThrowingLoggers : ILoggerFactory
    {
        public ILogger CreateLogger(string categoryName) => throw new IOException("broken");

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }
}
