using Microsoft.Extensions.Logging;
using SmolLM3.Inference.Engine;
using SmolLM3.Inference.Gguf;
using SmolLM3.Inference.Tests.Managed;
using SmolLM3.Inference.Tests.Managed.Adapters;

namespace SmolLM3.Extensions.LLamaSharp.Tests;

/// <summary>What would end the process, or grow without end.</summary>
public sealed class ProcessFaultTests
{
    private static readonly EngineOptions s_options = new() { ContextLength = 64, MaxSequences = 2, Threads = 2 };

    [Fact]
    public void An_alignment_of_another_type_is_refused()
    {
        using LLamaSharpEngine engine = Llama.Create(TestModels.Small, s_options);
        Assert.Throws<GgufFormatException>(() => engine.LoadAdapter(Aligned(TestAdapters.Make(TestModels.Small))));
        Assert.Throws<GgufFormatException>(() => Llama.Create(Aligned(TestModels.Small), s_options));

        static GgufFile Aligned(GgufFile file)
        {
            MemoryStream stream = new();
            file.CopyTo(stream);
            return GgufFile.Load(new MemoryStream(Retype(stream.ToArray())));
        }
    }

    [Fact]
    public void A_context_beyond_all_memory_is_refused() => Assert.Throws<InsufficientMemoryException>(
        () => Llama.Create(TestModels.Small, s_options with { ContextLength = int.MaxValue }).Dispose());

    [Fact]
    public void A_logger_that_throws_hears_each_line_once()
    {
        Thrower logger = new();
        for (int i = 0; i < 2; i++)
        {
            new LLamaSharpEngine(TestModels.Small, s_options, Llama.Options, Llama.Library, logger).Dispose();
        }

        Assert.InRange(logger.Longest, 1, 2_000);
    }

    // Puts "general.alignment" = 32 as int32 before all other metadata; the data behind stays aligned.
    private static byte[] Retype(byte[] file)
    {
        byte[] key = "general.alignment"u8.ToArray();
        using MemoryStream pair = new();
        using (BinaryWriter writer = new(pair, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write((ulong)key.Length);
            writer.Write(key);
            writer.Write((uint)GgufValueType.Int32);
            writer.Write(32);
        }

        // A key of padding makes the whole a multiple of the alignment.
        byte[] added = [.. pair.ToArray(), .. Padding((int)pair.Length)];
        byte[] changed = [.. file[..24], .. added, .. file[24..]];
        BitConverter.TryWriteBytes(changed.AsSpan(16), BitConverter.ToUInt64(file, 16) + 2);
        return changed;
    }

    // An 8-bit value under a key as long as it takes.
    private static byte[] Padding(int before)
    {
        int letters = 64 - ((before + sizeof(ulong) + sizeof(uint) + 1) % 32);
        return
        [
            .. BitConverter.GetBytes((ulong)letters), .. Enumerable.Repeat((byte)'p', letters),
            .. BitConverter.GetBytes((uint)GgufValueType.UInt8), 0,
        ];
    }

    private sealed class Thrower : ILogger
    {
        public int Longest { get; private set; }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel,
            EventId eventId,
            TState state,
            Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (eventId.Id == 5)
            {
                Longest = Math.Max(Longest, formatter(state, exception).Length);
                throw new InvalidOperationException("The log is closed.");
            }
        }
    }
}
