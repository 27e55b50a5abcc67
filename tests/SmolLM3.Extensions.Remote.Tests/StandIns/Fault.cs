namespace SmolLM3.Extensions.Remote.Tests.StandIns;

/// <summary>What a stand-in does wrong.</summary>
internal enum Fault
{
    None,

    /// <summary>Answers with <see cref="StandIn.Status"/>.</summary>
    Status,

    /// <summary>Breaks the connection after <see cref="StandIn.Good"/> tokens.</summary>
    Cut,

    /// <summary>Ends the stream as if all were well after so many tokens.</summary>
    End,

    /// <summary>Says nothing more after so many tokens, until the client leaves.</summary>
    Stall,

    /// <summary>Sends an error in the stream after so many tokens.</summary>
    Error,

    /// <summary>Sends what is no JSON after so many tokens.</summary>
    Garbage,

    /// <summary>Says that its length is reached after so many tokens.</summary>
    Length,
}
