namespace SmolLM3.Cli.Serving;

/// <summary>Several answers to one request.</summary>
internal static class Choices
{
    /// <summary>Waits for all. One that fails ends the others, and is what is thrown.</summary>
    public static async Task<T[]> AllAsync<T>(IEnumerable<Task<T>> answers, CancellationTokenSource ending)
    {
        List<Task<T>> started = [];
        try
        {
            foreach (Task<T> answer in answers)
            {
                started.Add(answer);
            }

            await foreach (Task<T> answer in Task.WhenEach(started))
            {
                await answer;
            }
        }
        catch
        {
            await ending.CancelAsync();
            await ((Task)Task.WhenAll(started)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        return await Task.WhenAll(started);
    }
}
