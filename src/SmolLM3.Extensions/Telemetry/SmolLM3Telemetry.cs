using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace SmolLM3.Extensions.Telemetry;

/// <summary>The instruments, one set for the process; measurements say which model they are of. Names and buckets follow
/// OpenTelemetry's conventions for generative AI (gen_ai.server.*) where those have one.</summary>
internal static class SmolLM3Telemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "SmolLM3.Extensions";

    /// <summary>The tag that says which model: the name of its file.</summary>
    public const string ModelTag = "gen_ai.request.model";

    /// <summary>The tag that says how a request failed.</summary>
    public const string ErrorTag = "error.type";

    /// <summary>What a request does, as the conventions for generative AI name it: a prompt goes on as text.</summary>
    public static readonly KeyValuePair<string, object?> OperationTag = new("gen_ai.operation.name", "text_completion");

    /// <summary>Who does it, as the conventions want to know.</summary>
    public static readonly KeyValuePair<string, object?> ProviderTag = new("gen_ai.provider.name", "smollm3");

    private static readonly Meter s_meter = new(Name);

    /// <summary>Spans of loading and generating.</summary>
    public static ActivitySource Source { get; } = new(Name);

    public static Histogram<double> RequestDuration { get; } = Seconds(
        "gen_ai.server.request.duration",
        "From a request's arrival to its end.",
        [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92]);

    public static Histogram<double> TimeToFirstToken { get; } = Seconds(
        "gen_ai.server.time_to_first_token",
        "From a request's arrival to the first token of its answer.",
        [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 30, 60]);

    public static Histogram<double> TimePerOutputToken { get; } = Seconds(
        "gen_ai.server.time_per_output_token",
        "Mean time between the tokens of a request's answer.",
        [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5]);

    public static Histogram<double> QueueDuration { get; } = Seconds(
        "smollm3.queue.duration",
        "From a request's arrival to the step it is first part of.",
        [0.001, 0.01, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120]);

    public static Histogram<double> StepDuration { get; } = Seconds(
        "smollm3.step.duration",
        "A step: what is computed for all running requests at once.",
        [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 1, 2.5, 5, 10]);

    public static Histogram<int> StepRequests { get; } = s_meter.CreateHistogram(
        "smollm3.step.requests",
        "{request}",
        "Requests of a step.",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64] });

    public static Histogram<int> StepTokens { get; } = s_meter.CreateHistogram(
        "smollm3.step.tokens",
        "{token}",
        "Tokens a step computes: of prompts, of answers and guessed ones.",
        advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024] });

    public static Counter<long> PromptTokens { get; } = s_meter.CreateCounter<long>(
        "smollm3.prompt.tokens", "{token}", "Tokens of prompts that began to run.");

    public static Counter<long> CachedTokens { get; } = s_meter.CreateCounter<long>(
        "smollm3.prompt.cached_tokens", "{token}", "Those of them that an earlier request had computed.");

    public static Counter<long> OutputTokens { get; } = s_meter.CreateCounter<long>(
        "smollm3.output.tokens", "{token}", "Tokens of answers.");

    public static Counter<long> DraftTokens { get; } = s_meter.CreateCounter<long>(
        "smollm3.draft.tokens", "{token}", "Tokens that were guessed and computed ahead.");

    public static Counter<long> AcceptedDraftTokens { get; } = s_meter.CreateCounter<long>(
        "smollm3.draft.accepted_tokens", "{token}", "Those of them that were chosen.");

    public static Counter<long> Rejections { get; } = s_meter.CreateCounter<long>(
        "smollm3.queue.rejections", "{request}", "Requests refused because the queue was full.");

    public static Counter<long> Evictions { get; } = s_meter.CreateCounter<long>(
        "smollm3.kv.evictions", "{prefix}", "Kept prefixes that were dropped for lack of room.");

    public static Counter<long> Parkings { get; } = s_meter.CreateCounter<long>(
        "smollm3.kv.parkings", "{request}", "Requests that gave up their keys and values for lack of room.");

    public static Histogram<double> LoadDuration { get; } = Seconds(
        "smollm3.model.load.duration",
        "Opening a model's file and making its engine.",
        [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]);

    /// <summary>Starts reporting what generators are at.</summary>
    static SmolLM3Telemetry()
    {
        Gauge("smollm3.queue.length", "{request}", "Requests that wait to be computed.", load => load.Waiting);
        Gauge("smollm3.requests.running", "{request}", "Requests that are computed.", load => load.Running);
        Gauge(
            "smollm3.kv.tokens",
            "{token}",
            "Tokens whose keys and values are stored, of running requests and kept prefixes.",
            load => load.CapacityTokens - load.FreeTokens);
        Gauge("smollm3.kv.capacity", "{token}", "Tokens there is room for.", load => load.CapacityTokens);
    }

    /// <summary>What an exception is called in a tag.</summary>
    public static string ErrorType(Exception error) => error.GetType().FullName!;

    private static Histogram<double> Seconds(string name, string description, double[] buckets) =>
        s_meter.CreateHistogram(
            name, "s", description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = buckets });

    // Two generators of one model are one series.
    private static void Gauge(string name, string unit, string description, Func<GeneratorLoad, long> value) =>
        s_meter.CreateObservableUpDownCounter(
            name,
            () => GenerationMetrics.Live
                .GroupBy(generator => generator.Model, generator => value(generator.Load))
                .Select(model => new Measurement<long>(model.Sum(), [new(ModelTag, model.Key)])),
            unit,
            description);
}
