using Microsoft.Extensions.Logging;
using SmolLM3.Extensions.Generation;

namespace SmolLM3.Extensions.Telemetry;

/// <summary>Tells the logger and the meter what a generator does. Both run code from outside: what that throws is
/// returned, so that it ends at most the request it was told about.</summary>
/// <param name="logger">Gets numbers, never text.</param>
/// <param name="metrics">What is measured.</param>
internal sealed class GenerationJournal(ILogger logger, GenerationMetrics metrics)
{
    /// <summary>A request got a slot.</summary>
    public Exception? Started(Sequence sequence) => Try(() =>
    {
        metrics.Start(sequence);
        logger.Started(sequence.Number, sequence.Tokens.Count, sequence.Stored);
    });

    /// <summary>A request gives its slot up.</summary>
    public Exception? Parked(Sequence sequence) => Try(() =>
    {
        metrics.Park();
        logger.Parked(sequence.Number, sequence.Stored);
    });

    /// <summary>A request has ended.</summary>
    /// <param name="sequence">The request.</param>
    /// <param name="error">How it failed, or null.</param>
    /// <param name="wasCancelled">Whether that is the caller's doing.</param>
    public Exception? Ended(Sequence sequence, Exception? error, bool wasCancelled) => Try(() =>
    {
        metrics.End(sequence, error);
        switch (error)
        {
            case null:
                logger.Ended(sequence.Number, sequence.End!.Value, sequence.PromptLength, sequence.Generated);
                break;
            case not null when wasCancelled:
                logger.Cancelled(sequence.Number, sequence.Generated);
                break;
            default:
                logger.Failed(error, sequence.Number, sequence.Generated);
                break;
        }
    });

    /// <summary>A request got tokens.</summary>
    public Exception? Answered(Sequence sequence)
    {
        try
        {
            metrics.Answer(sequence);
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }

    /// <summary>A step was computed. Of no request in particular: a listener that throws is not heard.</summary>
    public void Stepped(int requests, StepExecutor executor, TimeSpan elapsed)
    {
        try
        {
            metrics.Step(requests, executor, elapsed);
        }
        catch
        {
            // Nobody is to blame, and nobody to be told.
        }
    }

    /// <summary>A request was refused. Any thread.</summary>
    public void Rejected() => Try(metrics.Reject);

    /// <summary>A kept prefix was dropped.</summary>
    public void Evicted() => Try(() =>
    {
        metrics.Evict();
        logger.Evicted();
    });

    /// <summary>A step failed; its requests are tried one by one.</summary>
    public void StepFailed(Exception error, int requests) => Try(() => logger.StepFailed(error, requests));

    /// <summary>Generation failed, and all requests with it.</summary>
    public void Aborted(Exception error, int requests) => Try(() => logger.Aborted(error, requests));

    /// <summary>The engine's sequences could not be emptied.</summary>
    public void NotCleared(Exception error) => Try(() => logger.NotCleared(error));

    private static Exception? Try(Action tell)
    {
        try
        {
            tell();
            return null;
        }
        catch (Exception error)
        {
            return error;
        }
    }
}
