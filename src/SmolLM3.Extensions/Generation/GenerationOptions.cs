namespace SmolLM3.Extensions.Generation;

/// <summary>How a generator shares its engine out.</summary>
internal sealed record GenerationOptions
{
    /// <summary>Most requests computed at once; null: as many as the engine has sequences. What the engine has beyond
    /// them keeps earlier prompts.</summary>
    public int? MaxRunning { get; init; }

    /// <summary>Most requests that wait beyond those.</summary>
    public int MaxQueued { get; init; } = SmolLM3Defaults.MaxQueuedRequests;

    /// <summary>Most tokens of earlier requests that are kept; null: what has room.</summary>
    public int? MaxCachedTokens { get; init; }

    /// <summary>How long a step may take while someone is being answered.</summary>
    public TimeSpan TargetStepTime { get; init; } = SmolLM3Defaults.TargetStepTime;

    /// <summary>Most rows of a step while someone is being answered. Few in debug builds, so that tests meet prompts in
    /// several pieces.</summary>
#if DEBUG
    public int MaxMixedRows { get; init; } = 6;
#else
    public int MaxMixedRows { get; init; } = int.MaxValue;
#endif

    /// <summary>Whether tokens are guessed from the prompt.</summary>
    public bool DraftsFromPrompt { get; init; } = true;

    /// <summary>What telemetry calls the model.</summary>
    public string ModelName { get; init; } = "";

    /// <summary>What tells the time.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
