namespace SmolLM3.Inference.Engine;

/// <summary>How a forward pass ended.</summary>
public enum ForwardStatus
{
    /// <summary>Every row is computed and stored.</summary>
    Completed,

    /// <summary>The rows do not fit into the room left; nothing was changed.</summary>
    OutOfRoom,
}
