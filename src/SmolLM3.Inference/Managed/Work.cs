namespace SmolLM3.Inference.Managed;

/// <summary>Work that a <see cref="WorkerPool"/> does in parts. Parts touch nothing that another part writes.</summary>
internal abstract class Work
{
    /// <summary>Does one part.</summary>
    /// <param name="part">Which one, from 0.</param>
    /// <param name="worker">Who does it, from 0: names scratch memory that nobody else uses meanwhile.</param>
    public abstract void Run(int part, int worker);
}
