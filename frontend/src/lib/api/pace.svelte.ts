/** How many writes the server wants a little later, and are sent again by themselves. */
export const pace = $state({ waiting: 0 });
