using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using SmolLM3.Extensions.Generation;
using SmolLM3.Extensions.Sampling;
using SmolLM3.Inference.Engine;

namespace SmolLM3.Extensions.Tests.Generation;

/// <summary>A loop stepped by hand over a <see cref="FakeEngine"/>; the books are checked after every step.</summary>
internal sealed class LoopHarness
{
    private int _steps;

    public LoopHarness(FakeEngine engine, GenerationOptions? options = null)
    {
        Engine = engine;
        Loop = new GenerationLoop(
            engine, NullLogger.Instance, (options ?? new() { MaxMixedRows = 5 }) with { Time = Time });
    }

    public LoopHarness(int context = 64, int sequences = 4, int rows = 16, int capacity = 256)
        : this(new FakeEngine(new EngineLimits(context, sequences, rows, capacity)))
    {
    }

    public FakeEngine Engine { get; }

    public FakeTimeProvider Time { get; } = new();

    public GenerationLoop Loop { get; }

    public static GenerationRequest Request(IEnumerable<int> prompt, int maxTokens = 8, long seed = 1) => new()
    {
        PromptTokens = [.. prompt],
        Sampling = new SamplingOptions { Seed = seed },
        StopTokens = [],
        MaxTokens = maxTokens,
    };

    public Answer Submit(GenerationRequest request)
    {
        var answer = new Answer(request);
        Loop.Submit(request, request.Sampling.Seed!.Value, answer.Stream);
        return answer;
    }

    public bool Step()
    {
        Assert.True(++_steps < 100_000, "The loop makes no progress.");
        bool worked = Loop.Step();
        Loop.CheckIntegrity();
        Engine.CheckIntegrity();
        return worked;
    }

    public void Run()
    {
        while (Step())
        {
        }
    }
}
