namespace SmolLM3.Inference.Managed.Steps;

/// <summary>One operation of the forward pass over all rows of a batch.</summary>
internal abstract class Step : Work
{
    /// <summary>Settles into how many parts it goes for this number of rows.</summary>
    /// <param name="rows">Rows of the batch.</param>
    /// <param name="workers">Workers that share them.</param>
    public abstract int Divide(int rows, int workers);
}
