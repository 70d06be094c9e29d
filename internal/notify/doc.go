// Package notify sends messages to customers: SMS and mail.
//
// It is an outbox. Whoever has something to say calls [Add] in the transaction of what causes it, so that there is no
// message without its cause and no cause without its message. A job then has [Post.Deliver] send it:
//
//	waiting --Take--> sending --the provider has it--> sent
//	   ^                 |--refused, or no attempt left--> failed --Again--> waiting
//	   |                 |--not taken, may be later--> waiting
//	   |                 '--nobody knows--> unsure --Again--> waiting
//	   '-- outside the hours, it waits where it is
//
// # Never twice
//
// An attempt begins with the state sending, which is committed before anything leaves this machine. What is found sending was
// begun by somebody who never said how it ended, most likely since they died: it may have been sent, so it is unsure and not
// tried again, unless the sender says that the provider knows a message by its key and sends it once ([Sender.Repeats]). The
// number of the attempt is the fence: a late twin's result changes nothing. Only a person has a message sent again of which
// nobody knows ([Store.Again]).
//
// Numbers and addresses are masked in logs and errors. A message's text is forgotten once it was sent.
package notify
