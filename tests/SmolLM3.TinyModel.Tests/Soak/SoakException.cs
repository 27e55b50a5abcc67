namespace SmolLM3.TinyModelTests.Soak;

/// <summary>Thrown by what the soak hands in as a caller's own code.</summary>
internal sealed class SoakException() : Exception("This is the caller's own.");
