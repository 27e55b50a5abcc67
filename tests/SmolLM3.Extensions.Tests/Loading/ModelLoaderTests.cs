using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Loading;

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
